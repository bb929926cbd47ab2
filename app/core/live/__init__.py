"""Open pages hear at once that something has changed: `publish` says so, a stream of server-sent events carries it.

An event only says "fetch from here", so one that comes twice does no harm, and a page that missed some is told to
catch up (`resync`). The core knows members by their id and nothing of what the topics mean.
"""

from app.core.live.events import end_stream, publish, purge
from app.core.live.serving import end_on, init_app, moment, open_stream, state_of

__all__ = ["end_on", "end_stream", "init_app", "moment", "open_stream", "publish", "purge", "state_of"]
