//! What comes from elsewhere and goes elsewhere: lists of rules as files (`exchange`), lists that are
//! fetched (`feed`), and blocked calls that are handed to others (`ship`).

pub mod exchange;
pub mod feed;
mod root_certificates;
pub mod ship;
