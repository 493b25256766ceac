use blacklist_model::words;

words! {
    /// The kind of a change, named like its command.
    pub enum ChangeKind {
        /// The database was created.
        Create = "create",
        /// Rules were added.
        RuleAdd = "rule add",
        /// Rules were changed.
        RuleEdit = "rule edit",
        /// Rules were enabled.
        RuleEnable = "rule enable",
        /// Rules were disabled.
        RuleDisable = "rule disable",
        /// Rules were removed.
        RuleRemove = "rule remove",
        /// A list was added.
        ListAdd = "list add",
        /// A list was changed.
        ListEdit = "list edit",
        /// A list was enabled.
        ListEnable = "list enable",
        /// A list was disabled.
        ListDisable = "list disable",
        /// A list was assigned to scopes.
        ListAssign = "list assign",
        /// A list was unassigned from scopes.
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
        /// Numbers were removed from a scope.
        ScopeMemberRemove = "scope member remove",
        /// A subscription was added.
        FeedAdd = "feed add",
        /// A subscription was changed.
        FeedEdit = "feed edit",
        /// A subscription was removed.
        FeedRemove = "feed remove",
        /// A subscription fetched a changed list.
        Feed = "feed",
        /// A PIN was set.
        PinSet = "pin set",
        /// A PIN was replaced by a new one.
        PinRotate = "pin rotate",
        /// A PIN was removed.
        PinRemove = "pin remove",
        /// PIN attempts were allowed again.
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
        /// The state of an earlier generation was restored.
        Rollback = "rollback",
    }
}
