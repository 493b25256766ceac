//! Reading the text of a SIP message: its header block, its addresses, the numbers in them.

pub mod address;
pub(crate) mod addresses;
pub(crate) mod class;
pub mod find;
pub mod flaw;
pub mod message;
pub(crate) mod parameters;
pub(crate) mod reader;
pub mod scan;
pub mod text;
pub mod uri;
pub mod user_part;
