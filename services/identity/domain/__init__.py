"""The rules about people, HR's file and sign-in, without any I/O."""
