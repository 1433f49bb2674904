//! What people do over HTTP, checked at the door: every way in, JSON or form, makes its [`Action`] by the same
//! functions, and every action goes to the journal through [`App::take`].
//!
//! In reading order: `alerts` acknowledge, comment, assign, settle · `silences` · `nodes` quarantine and release ·
//! `answers` what a program is told · here the checks that all of them share.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use pipeline::calendar::{DAY, Millis};
use pipeline::input::Action;
use tokio::sync::mpsc::error::TrySendError;

use super::App;
use super::api::Problem;
use super::recorded::Did;
use crate::access::Asker;
use crate::language::{Both, Said, said};

pub(super) mod alerts;
pub(super) mod answers;
pub(super) mod nodes;
pub(super) mod silences;

pub(crate) use alerts::can_be_settled;

/// Longest name of a person in characters.
pub(crate) const NAME_LEN_MAX: usize = 64;
/// Longest comment or reason in characters.
pub(crate) const TEXT_LEN_MAX: usize = 500;
/// Longest silence: what should be quiet for longer is a rule to change.
pub(crate) const SILENCE_MAX: Millis = 30 * DAY;

/// A JSON body. Only `application/json` is taken, which no foreign page can send without asking.
pub(super) type Sent<T> = Result<Json<T>, JsonRejection>;
pub(super) type Answer = Result<Response, Problem>;

/// What was sent, or what should have been.
fn body<T>(sent: Sent<T>, example: &str) -> Result<T, Problem> {
    match sent {
        Ok(Json(body)) => Ok(body),
        Err(rejection) => {
            let message = format!(
                "{}: send application/json such as {example}",
                rejection.body_text()
            );
            Err(Problem::new(rejection.status(), message))
        }
    }
}

impl App {
    /// Hands an action to the journal's queue, unless the gateway cannot take it.
    pub(super) fn take(&self, action: Action) -> Result<(), Problem> {
        if let Some(error) = self.board(|board| board.health().journal_error.clone()) {
            return Err(unavailable(said(
                format!("the journal takes nothing: {error}"),
                format!("日志无法写入：{error}"),
            )));
        }
        self.state.actions.try_send(action).map_err(|error| {
            unavailable(match error {
                TrySendError::Full(_) => said(
                    "too many actions are waiting for the journal; try again",
                    "等待写入日志的操作过多，请重试",
                ),
                TrySendError::Closed(_) => said("the gateway is stopping", "网关正在停止"),
            })
        })
    }

    /// The answer to a program: what is on its way into the journal. The revision comes with the stream.
    fn accept(&self, action: Action) -> Answer {
        let said = self.board(|board| answers::of(&action, board.face()));
        self.take(action)?;
        let did = Did(said.clone());
        let mut response = (StatusCode::ACCEPTED, Json(said)).into_response();
        response.extensions_mut().insert(did);
        Ok(response)
    }

    pub(super) fn now(&self) -> Millis {
        self.state.clock.now()
    }
}

fn unavailable(message: impl Into<Said>) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, message)
}

/// Something in the request that is not as it should be.
pub(super) fn unfit(message: impl Into<Said>) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, message)
}

/// Whether it is shown as it is read: no control characters, and none that turn the direction of the text around them.
fn is_printable(text: &str) -> bool {
    let turns = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !text.chars().any(|c| c.is_control() || turns(c))
}

fn checked(field: &str, what: Both, text: &str, len_max: usize) -> Result<String, Problem> {
    let text = text.trim();
    match (1..=len_max).contains(&text.chars().count()) && is_printable(text) {
        true => Ok(text.to_owned()),
        false => {
            let Both(english, chinese) = what;
            Err(unfit(said(
                format!("\"{field}\" must be {english} of 1 to {len_max} printable characters"),
                format!("“{field}”必须是1至{len_max}个可显示字符的{chinese}"),
            )))
        }
    }
}

/// Under whose name an action stands: that of the asker, whatever a request says. A name in it that is not the asker's
/// is said to be wrong rather than left out in silence.
pub(super) fn actor(asker: &Asker, by: Option<&str>) -> Result<String, Problem> {
    let own = asker.acting().ok_or_else(|| {
        let message = said(
            "acting needs a name and the role operator",
            "操作需要登录，并具有值班员角色",
        );
        Problem::new(StatusCode::FORBIDDEN, message)
    })?;
    match by.map(str::trim) {
        None => Ok(own.to_owned()),
        Some(by) if by == own => Ok(own.to_owned()),
        Some(_) => Err(unfit(said(
            format!(
                "\"by\" is not said any more: what you do stands under your own name, {own}; leave it out"
            ),
            format!("不再填写“by”：操作以您自己的名义{own}记录，请去掉"),
        ))),
    }
}

/// A person's name in `field`.
fn name(field: &str, text: &str) -> Result<String, Problem> {
    checked(field, Both("a name", "名称"), text, NAME_LEN_MAX)
}

/// What a person has to say.
fn text(text: &str) -> Result<String, Problem> {
    checked("text", Both("a text", "文字"), text, TEXT_LEN_MAX)
}

/// A moment in RFC 3339.
pub(super) fn moment(field: &str, text: &str) -> Result<Millis, Problem> {
    let parsed: Result<Timestamp, _> = text.trim().parse();
    parsed.map(Timestamp::as_millisecond).map_err(|_| {
        unfit(said(
            format!(
                "\"{field}\" must be a time with its offset, such as 2026-11-22T09:30:00+08:00"
            ),
            format!("“{field}”必须是带时差的时间，例如2026-11-22T09:30:00+08:00"),
        ))
    })
}
