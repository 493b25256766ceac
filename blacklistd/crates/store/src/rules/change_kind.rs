//! Kinds of changes.

use blacklist_model::words;

words! {
    /// What was asked for, as its command is called.
    pub enum ChangeKind {
        /// The database was made.
        Create = "create",
        /// Rules were added.
        RuleAdd = "rule add",
        /// Rules were changed.
        RuleEdit = "rule edit",
        /// Rules were switched on.
        RuleEnable = "rule enable",
        /// Rules were switched off.
        RuleDisable = "rule disable",
        /// Rules were removed.
        RuleRemove = "rule remove",
        /// A list was added.
        ListAdd = "list add",
        /// A list was changed.
        ListEdit = "list edit",
        /// A list was switched on.
        ListEnable = "list enable",
        /// A list was switched off.
        ListDisable = "list disable",
        /// A list was assigned to scopes.
        ListAssign = "list assign",
        /// A list was taken off scopes.
        ListUnassign = "list unassign",
        /// A list was removed.
        ListRemove = "list remove",
        /// A scope was added.
        ScopeAdd = "scope add",
        /// A scope was changed.
        ScopeEdit = "scope edit",
        /// A scope was removed.
        ScopeRemove = "scope remove",
        /// Numbers were added to a scope.
        ScopeMemberAdd = "scope member add",
        /// Numbers were taken out of a scope.
        ScopeMemberRemove = "scope member remove",
        /// A subscription was added.
        FeedAdd = "feed add",
        /// A subscription was changed.
        FeedEdit = "feed edit",
        /// A subscription was removed.
        FeedRemove = "feed remove",
        /// A subscription brought another list.
        Feed = "feed",
        /// A PIN was set.
        PinSet = "pin set",
        /// A PIN was replaced by a new one.
        PinRotate = "pin rotate",
        /// A PIN was removed.
        PinRemove = "pin remove",
        /// Tries of PINs are allowed again.
        PinUnlock = "pin unlock",
        /// A grant was added.
        GrantAdd = "grant add",
        /// Grants were revoked.
        GrantRevoke = "grant revoke",
        /// A file was applied.
        Apply = "apply",
        /// A file was imported.
        Import = "import",
        /// What an import added was removed.
        ImportUndo = "import undo",
        /// Everything was made as it had been.
        Rollback = "rollback",
    }
}
