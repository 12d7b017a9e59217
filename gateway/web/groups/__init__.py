"""The pages of groups: finding and founding them, what is written, planned and shared in them, and who keeps them."""

from gateway.web.groups import actions, events, files, keeping, pages, settings

ROUTES = [*pages.ROUTES, *settings.ROUTES, *keeping.ROUTES, *events.ROUTES, *files.ROUTES, *actions.ROUTES]
