"""The web site: pages of plain HTML that work without JavaScript. It owns nothing; all that it shows comes from the
services over gRPC, asked in the name of whoever reads.

`static/htmx.min.js` is htmx 4.0.1 as it was published (Zero-Clause BSD), for the page on which one writes an article;
no other page runs a script."""
