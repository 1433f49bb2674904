//! CAP messages for those who ask: one alert's, and a feed of all.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use pipeline::alert::AlertId;

use super::App;
use super::api::Problem;
use crate::access::Asker;
use crate::cap::{CONTENT_TYPE, Message, Stamp, atom};

/// The message that stands on the alert's topic.
pub(super) async fn message(
    State(app): State<App>,
    asker: Asker,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id: AlertId = id.parse().map_err(|_| Problem::bad_id())?;
    let face = app.picture(&asker).face;
    let story = app.alert(&asker, id);
    let message = story.as_ref().and_then(|story| Message::of(story, &face));
    let xml = message.map(|message| message.xml());
    let kind = [(header::CONTENT_TYPE, CONTENT_TYPE)];
    Ok((kind, xml.ok_or_else(Problem::no_alert)?).into_response())
}

/// Open alerts and those that ended within their horizon.
pub(super) async fn feed(State(app): State<App>, asker: Asker) -> Response {
    let now = app.state.clock.now();
    let face = app.picture(&asker).face;
    let xml = app.board(|board| {
        let stories = board.stories(now);
        let own = stories.filter(|story| asker.areas.contains(story.latest().zone));
        let messages = own.filter_map(|story| Message::of(story, &face));
        let at = Stamp::new(now, &face.time_zone);
        atom::feed(messages.collect(), &face, at)
    });
    ([(header::CONTENT_TYPE, atom::FEED_CONTENT_TYPE)], xml).into_response()
}
