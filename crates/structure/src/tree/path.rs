//! Paths: `header.section_headers[3].name`.

use super::Tree;
use super::node::NodeId;

impl Tree {
    /// The path of a node from the root, which itself is the id of the description.
    pub(super) fn path(&self, id: NodeId) -> String {
        let mut parts = Vec::new();
        let mut at = id;
        while at != self.root && at != NodeId::NONE {
            let node = self.arena.get(at);
            match (node.index, node.attr) {
                (Some(index), _) => parts.push(format!("[{index}]")),
                (None, Some(attr)) => {
                    parts.push(format!(".{}", self.schema.names.text(self.schema.attr(attr).name)));
                }
                (None, None) => {}
            }
            at = node.parent;
        }
        let mut path = String::new();
        for part in parts.iter().rev() {
            let part = if path.is_empty() { part.trim_start_matches('.') } else { part };
            path.push_str(part);
        }
        path
    }

    pub(super) fn path_of_field(&self, object: NodeId, at: usize) -> String {
        let attr =
            self.arena.object(object).and_then(|it| self.schema.ty(it.ty).seq.get(at).copied());
        self.path_of_member(
            object,
            attr.map_or("", |it| self.schema.names.text(self.schema.attr(it).name)),
        )
    }

    pub(super) fn path_of_instance(&self, object: NodeId, at: usize) -> String {
        let attr = self
            .arena
            .object(object)
            .and_then(|it| self.schema.ty(it.ty).instances.get(at).copied());
        self.path_of_member(
            object,
            attr.map_or("", |it| self.schema.names.text(self.schema.attr(it).name)),
        )
    }

    fn path_of_member(&self, object: NodeId, name: &str) -> String {
        let path = self.path(object);
        if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
    }

    /// The path of the element that a list is at.
    pub(super) fn path_of_element(&self, list: NodeId) -> String {
        let index = self.arena.list(list).map_or(0, |it| it.done);
        format!("{}[{index}]", self.path(list))
    }
}
