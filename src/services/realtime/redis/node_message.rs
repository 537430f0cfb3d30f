//! The format of messages between nodes. Frames go to the channel of their topic: origin, number, and the row of the
//! log. Other messages go to the channel of the nodes: origin, a letter for the kind, and its data.

use std::sync::Arc;

use uuid::Uuid;

use crate::services::realtime::presence::Told;
use crate::wire::{Frame, NodeId, Topic};

/// A message to other nodes.
#[derive(Debug, Clone)]
pub(super) enum NodeMessage {
    /// An event.
    Frame(Arc<Frame>),
    /// The node is alive and can send.
    Beat,
    /// Messages of this node were lost: rooms must check the log.
    Lost,
    /// The node shuts down.
    Bye,
    /// The node asks for the presence of the others.
    Ask,
    /// The presence of the node's accounts.
    Present(Told),
}

/// A message on the channel of the nodes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NodeSignal {
    Beat,
    Lost,
    Bye,
    Ask,
    Present(Told),
}

impl NodeMessage {
    /// Bytes that it takes in memory, approximately.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Frame(frame) => frame.size(),
            Self::Beat | Self::Lost | Self::Bye | Self::Ask | Self::Present(_) => size_of::<Self>(),
        }
    }

    /// The message encoded as bytes.
    pub(super) fn encode(&self, origin: NodeId) -> Vec<u8> {
        let mut bytes = origin.0.as_bytes().to_vec();
        match self {
            Self::Frame(frame) => {
                bytes.extend(frame.seq.to_be_bytes());
                bytes.extend(frame.to_row().as_bytes());
            }
            Self::Beat => bytes.push(b'b'),
            Self::Lost => bytes.push(b'l'),
            Self::Bye => bytes.push(b'x'),
            Self::Ask => bytes.push(b'a'),
            Self::Present(told) => {
                bytes.push(b'p');
                bytes.extend(crate::wire::to_text(told).as_bytes());
            }
        }
        bytes
    }
}

/// Splits a message into the sending node and the rest; `None` if it is too short to be a node's.
pub(super) fn origin(bytes: &[u8]) -> Option<(NodeId, &[u8])> {
    let (origin, rest) = bytes.split_first_chunk::<16>()?;
    Some((NodeId(Uuid::from_bytes(*origin)), rest))
}

/// The frame of a message on the channel of `topic`.
pub(super) fn frame(topic: Topic, rest: &[u8]) -> Option<Frame> {
    let (seq, row) = rest.split_first_chunk::<8>()?;
    Frame::from_row(topic, u64::from_be_bytes(*seq), std::str::from_utf8(row).ok()?)
}

/// Parses a message on the channel of the nodes, without its origin.
pub(super) fn signal(rest: &[u8]) -> Option<NodeSignal> {
    let (kind, rest) = rest.split_first()?;
    match kind {
        b'b' => Some(NodeSignal::Beat),
        b'l' => Some(NodeSignal::Lost),
        b'x' => Some(NodeSignal::Bye),
        b'a' => Some(NodeSignal::Ask),
        b'p' => serde_json::from_slice(rest).ok().map(NodeSignal::Present),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::ChannelId;
    use crate::wire::frame::{AudienceFilter, Effect};

    #[test]
    fn frames_arrive_as_they_were_sent() {
        let (node, topic) = (NodeId::new(), Topic::Channel(ChannelId::new()));
        let sent = Frame {
            topic,
            seq: 7,
            effect: Effect::None,
            omit: None,
            filter: AudienceFilter::Everybody,
            body: "{\"a\":1".into(),
        };
        let bytes = NodeMessage::Frame(Arc::new(sent)).encode(node);
        let (from, rest) = origin(&bytes).expect("an origin");
        let frame = frame(topic, rest).expect("a frame");
        assert_eq!((from, frame.seq, &*frame.body), (node, 7, "{\"a\":1"));
    }

    #[test]
    fn words_arrive_and_nonsense_does_not() {
        let node = NodeId::new();
        for (message, word_) in [
            (NodeMessage::Beat, NodeSignal::Beat),
            (NodeMessage::Lost, NodeSignal::Lost),
            (NodeMessage::Bye, NodeSignal::Bye),
        ] {
            let bytes = message.encode(node);
            assert_eq!(origin(&bytes).and_then(|(_, rest)| signal(rest)), Some(word_));
        }
        assert_eq!(signal(b"?"), None);
        assert!(origin(b"short").is_none());
    }
}
