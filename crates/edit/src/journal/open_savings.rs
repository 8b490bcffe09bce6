/// The savings of a journal that have no end yet, as its records come.
///
/// One that did not finish is done again by another one. If that is taken back, the file is what the first one
/// left, and that is what has to be recovered.
#[derive(Debug, Clone)]
pub(crate) struct OpenSavings<T> {
    /// What is not known as a whole yet. Nothing was written to the file.
    planned: Option<T>,
    /// Those that may have changed the file, the first one first.
    begun: Vec<T>,
}

impl<T> Default for OpenSavings<T> {
    fn default() -> Self {
        Self { planned: None, begun: Vec::new() }
    }
}

impl<T> OpenSavings<T> {
    /// A plan begins.
    pub(crate) fn plan(&mut self, saving: T) {
        self.planned = Some(saving);
    }

    /// The plan that is not known as a whole.
    pub(crate) const fn planned(&mut self) -> Option<&mut T> {
        self.planned.as_mut()
    }

    /// The plan is known as a whole, or `is_whole` says that it never will be.
    pub(crate) fn begin(&mut self, is_whole: impl FnOnce(&T) -> bool) {
        self.begun.extend(self.planned.take().filter(is_whole));
    }

    /// The saving that may have changed the file last.
    pub(crate) fn last(&mut self) -> Option<&mut T> {
        self.begun.last_mut()
    }

    /// The last one was taken back.
    pub(crate) fn back(&mut self) {
        if self.planned.take().is_none() {
            self.begun.pop();
        }
    }

    /// Another process goes on: what was planned and not begun never will be.
    pub(crate) fn resume(&mut self) {
        self.planned = None;
    }

    /// The last one is complete, and so wrote over what those before it left. Returns all of them.
    pub(crate) fn done(&mut self) -> Vec<T> {
        self.planned = None;
        std::mem::take(&mut self.begun)
    }

    /// Those that may have changed the file.
    pub(crate) fn into_begun(self) -> Vec<T> {
        self.begun
    }
}
