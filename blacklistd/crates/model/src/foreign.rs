//! Formats in which other programs store lists of numbers.

use crate::words;

words! {
    /// The format of another program.
    pub enum ForeignFormat {
        /// A number on each line; `*` follows a prefix.
        Plain = "plain",
        /// Kamailio's htable as a table of db_text: whole numbers only.
        KamailioHtable = "kamailio-htable",
        /// Kamailio's `globalblocklist` as a table of db_text.
        KamailioUserblocklist = "kamailio-userblocklist",
        /// OpenSIPS's `globalblacklist` as a table of db_text.
        OpensipsUserblacklist = "opensips-userblacklist",
        /// Commands for Asterisk's database, family `blacklist`: whole numbers only.
        Asterisk = "asterisk",
    }
}

words! {
    /// A format that can be read.
    pub enum ForeignSource {
        /// A table of db_text: htable, userblocklist, userblacklist.
        DbText = "db-text",
        /// What `asterisk -rx "database show blacklist"` prints.
        Asterisk = "asterisk",
    }
}
