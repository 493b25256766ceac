//! What is exchanged with others: lists of rules as files (`exchange`), lists that are fetched
//! (`feed`), and blocked calls that are shipped (`ship`).

pub mod exchange;
pub mod feed;
#[cfg(feature = "http")]
mod root_certificates;
pub mod ship;
