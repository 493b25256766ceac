//! How others keep lists of numbers: the forms that are written, and those that are read.

use crate::words;

words! {
    /// How somebody else keeps numbers.
    pub enum Foreign {
        /// A number on each line; `*` after a beginning.
        Plain = "plain",
        /// Kamailio's htable as a table of db_text: whole numbers alone.
        KamailioHtable = "kamailio-htable",
        /// Kamailio's `globalblocklist` as a table of db_text.
        KamailioUserblocklist = "kamailio-userblocklist",
        /// OpenSIPS's `globalblacklist` as a table of db_text.
        OpensipsUserblacklist = "opensips-userblacklist",
        /// Commands for Asterisk's database, family `blacklist`: whole numbers alone.
        Asterisk = "asterisk",
    }
}

words! {
    /// What is read in.
    pub enum ForeignSource {
        /// A table of db_text: htable, userblocklist, userblacklist.
        DbText = "db-text",
        /// What `asterisk -rx "database show blacklist"` prints.
        Asterisk = "asterisk",
    }
}
