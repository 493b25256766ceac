//! Changes of lists: where their rules are entered, and which scopes name them.

use blacklist_model::{
    DEFAULT_LIST, List, ListId, Refusal, ScopeId, count, judge_kind_and_action, judge_name,
};

use crate::change::Editor;
use crate::register::HeldList;
use crate::register::index::Place;

impl Editor<'_> {
    /// Adds a list, or puts it in the place of the one with its id, which is returned.
    pub(crate) fn put_list(&mut self, list: List) -> Result<Option<List>, Refusal> {
        self.judge_list(&list)?;
        let id = list.id;
        let Some(held) = self.register.lists.get(&id) else {
            self.register.list_names.insert(list.name.clone(), id);
            let held = HeldList {
                list,
                first: None,
                rules: 0,
                home: None,
            };
            self.register.lists.insert(id, held);
            self.rehome(id, &[]);
            return Ok(None);
        };
        let old = held.list.clone();
        let places: Vec<Place> = self.register.index.list(held.first).collect();
        let only_name = List {
            name: list.name.clone(),
            ..old.clone()
        } == list;
        let scopes_change = old.scopes != list.scopes;
        let stays = old.scopes.len() > 1 && list.scopes.len() > 1;
        // A list that is shared before and after keeps its own index: its rules stay.
        let moves = !(only_name || stays && same_but_scopes(&old, &list));
        let resettles = scopes_change && !stays;
        if moves {
            self.ensure_slots_of_list(&list, &places)?;
            for place in &places {
                self.leave(*place);
                if resettles {
                    self.register.unsettle(*place);
                }
            }
        }
        self.register.list_names.remove(&old.name);
        self.register.list_names.insert(list.name.clone(), id);
        if let Some(held) = self.register.lists.get_mut(&id) {
            held.list = list;
        }
        if scopes_change {
            self.rehome(id, &old.scopes);
        }
        if moves {
            for place in &places {
                if resettles {
                    self.register.settle(*place);
                }
                self.enter(*place);
            }
        }
        Ok(Some(old))
    }

    fn judge_list(&self, list: &List) -> Result<(), Refusal> {
        judge_name(&list.name, "a list")?;
        judge_kind_and_action(list.kind, list.action)?;
        let taken = self.register.list_names.get(&list.name);
        if taken.is_some_and(|other| *other != list.id) {
            return Err(Refusal::Conflict(format!(
                "there is a list {} already: choose another name",
                list.name
            )));
        }
        if list.id == ListId::DEFAULT && &*list.name != DEFAULT_LIST {
            return Err(Refusal::Conflict(format!(
                "the list {DEFAULT_LIST} keeps its name: make another list with `blacklistd list add {}`",
                list.name
            )));
        }
        for scope in &list.scopes {
            let Some(held) = self.register.scopes.get(*scope) else {
                return Err(Refusal::Unknown(format!(
                    "list {} is assigned to scope {scope}, which is not there",
                    list.name
                )));
            };
            let shared = held.lists.iter().filter(|other| {
                **other != list.id
                    && self
                        .register
                        .lists
                        .get(other)
                        .is_some_and(HeldList::is_shared)
            });
            let most = blacklist_common::scope::MAXIMUM_LISTS;
            if list.scopes.len() > 1 && shared.count() >= most {
                return Err(Refusal::Conflict(format!(
                    "{} shares {most} lists with other scopes already, and more are not looked at: assign list {} to it alone, or put its rules into one of the others",
                    held.record.name, list.name
                )));
            }
        }
        Ok(())
    }

    fn ensure_slots_of_list(&mut self, list: &List, places: &[Place]) -> Result<(), Refusal> {
        if !list.enabled {
            return Ok(());
        }
        let needs = places.iter().filter(|place| {
            self.register.index.at(**place).is_some_and(|held| {
                let timing = held.rule.timing.as_ref();
                held.slot == 0
                    && held.rule.enabled
                    && timing.is_none_or(|timing| timing.covers(self.now))
            })
        });
        let needed = needs.count();
        if needed == 0 {
            return Ok(());
        }
        self.ensure_slots(
            needed,
            &format!("list {} with {}", list.name, count(needed, "rule")),
        )
    }

    /// Gives a list its home, and tells the scopes that have or had it.
    fn rehome(&mut self, id: ListId, before: &[ScopeId]) {
        let Some(held) = self.register.lists.get(&id) else {
            return;
        };
        let scopes = held.list.scopes.clone();
        let shared = held.home.filter(|_| before.len() > 1);
        let home = match (scopes.as_slice(), shared) {
            ([], _) => None,
            ([scope], _) => self.register.scopes.index(*scope),
            (_, Some(shared)) => Some(shared),
            (_, None) => Some(self.register.scopes.take_index(None)),
        };
        if let Some(shared) = shared
            && scopes.len() <= 1
        {
            self.register.scopes.free_index(shared);
        }
        if let Some(held) = self.register.lists.get_mut(&id) {
            held.home = home;
        }
        for scope in before {
            if let Some(held) = self.register.scopes.get_mut(*scope) {
                held.lists.retain(|list| *list != id);
            }
        }
        for scope in &scopes {
            if let Some(held) = self.register.scopes.get_mut(*scope) {
                held.lists.push(id);
                held.lists.sort_unstable();
            }
        }
        for scope in before.iter().chain(&scopes) {
            self.refresh_lists(*scope);
        }
    }

    /// Tells the tables which lists a scope shares with others.
    fn refresh_lists(&mut self, scope: ScopeId) {
        let Some(held) = self.register.scopes.get(scope) else {
            return;
        };
        let homes = held.lists.iter().filter_map(|list| {
            let list = self.register.lists.get(list)?;
            list.home.filter(|_| list.is_shared())
        });
        let homes: Vec<u32> = homes.collect();
        self.enforcement.tables.set_lists(held.index, homes);
    }

    /// Removes a list that has no rules.
    pub(crate) fn remove_list(&mut self, id: ListId) -> Result<List, Refusal> {
        let Some(held) = self.register.lists.get(&id) else {
            return Err(Refusal::Unknown(format!("there is no list {id}")));
        };
        let name = &held.list.name;
        if id == ListId::DEFAULT {
            return Err(Refusal::Conflict(format!(
                "the list {DEFAULT_LIST} is always there: switch it off with `blacklistd list edit {DEFAULT_LIST} --disable`, or remove its rules"
            )));
        }
        if held.rules > 0 {
            return Err(Refusal::Conflict(format!(
                "list {name} has {}: remove them first, or switch the list off",
                count(held.rules, "rule")
            )));
        }
        let list = held.list.clone();
        let bare = List {
            scopes: Vec::new(),
            ..list.clone()
        };
        if let Some(held) = self.register.lists.get_mut(&id) {
            held.list = bare;
        }
        self.rehome(id, &list.scopes);
        self.register.lists.remove(&id);
        self.register.list_names.remove(&list.name);
        Ok(list)
    }
}

/// Whether two lists are the same but for name and scopes.
fn same_but_scopes(one: &List, other: &List) -> bool {
    List {
        name: other.name.clone(),
        scopes: other.scopes.clone(),
        ..one.clone()
    } == *other
}
