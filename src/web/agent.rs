//! The WebSocket of agents. Who they are, and what they may, `flow::agents` decides.

use std::io;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::future::ready;
use futures_util::{SinkExt, StreamExt};

use super::state::Web;
use crate::flow::agents;
use crate::flow::installation::context::Visit;

const BUFFER: usize = 16 * 1024;
/// Longer than any message that an agent sends.
const LONGEST_MESSAGE: usize = 256 * 1024;

/// `GET /agent`.
pub async fn connect(
    State(web): State<Web>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if headers.contains_key(ORIGIN) {
        // A page in a browser, of whatever site.
        return (StatusCode::FORBIDDEN, "for agents only\n").into_response();
    }
    let parts = web.panel.operation.clone();
    upgrade
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_message_size(LONGEST_MESSAGE)
        .max_frame_size(LONGEST_MESSAGE)
        .on_upgrade(move |socket| serve(parts, socket, visit.address))
}

async fn serve(
    parts: crate::flow::installation::context::OperationParts,
    socket: WebSocket,
    address: String,
) {
    let (outgoing, incoming) = socket.split();
    let outgoing = outgoing
        .sink_map_err(io::Error::other)
        .with(|bytes: Bytes| ready(Ok::<_, io::Error>(Message::Binary(bytes))));
    let incoming = incoming.filter_map(|message| {
        ready(match message {
            Ok(Message::Binary(bytes)) => Some(Ok(bytes)),
            Ok(Message::Text(_)) => Some(Err(io::ErrorKind::InvalidData.into())),
            Ok(_) => None,
            Err(error) => Some(Err(io::Error::other(error))),
        })
    });
    agents::serve(parts, Box::pin(incoming), Box::pin(outgoing), address).await;
}
