"""The web site: pages of plain HTML that work without JavaScript. It owns nothing; all that it shows comes from the
services over gRPC, asked in the name of whoever reads."""
