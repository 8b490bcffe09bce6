//! Fields that are offsets: an instance of the same object is read at what they say.

use super::load::Loader;
use super::{Attr, AttrId, Member, Repeat, TypeId};
use crate::expr::Expr;

impl Loader<'_> {
    /// Finds for each field the instance whose `pos` it is.
    pub(super) fn find_targets(&mut self) {
        for number in 0..self.types.len() {
            for place in 0..self.types[number].instances.len() {
                self.find_target(TypeId(number), place);
            }
        }
    }

    fn find_target(&mut self, owner: TypeId, place: usize) {
        let ty = &self.types[owner.0];
        let AttrId(instance) = ty.instances[place];
        let Some(Expr::Field(name)) = self.attrs[instance].pos.as_ref().map(|it| &it.expr) else {
            return;
        };
        // What is calculated is seldom an offset alone.
        let Some(Member::Seq(at)) = ty.members.get(name) else { return };
        let field = ty.seq[*at];
        let attr = &self.attrs[field.0];
        if !matches!(attr.repeat, Repeat::No) {
            return;
        }
        // Of several instances at one place the one is meant that is called like the field: ofs_body, body.
        let is_meant = |it: &Attr| self.names.text(attr.name).ends_with(self.names.text(it.name));
        let before = attr.target.map(|it| &self.attrs[ty.instances[it].0]);
        let is_better = is_meant(&self.attrs[instance]);
        if before.is_none_or(|before| !is_meant(before) && is_better) {
            self.attrs[field.0].target = Some(place);
        }
    }
}
