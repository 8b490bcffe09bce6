use std::any::Any;
use std::cell::RefCell;
use std::sync::Arc;

use memmap_core::{Map, MapOptions, Mapping, Opener};

/// What a maker returns: a map, or an opener and one of its sources, which is then opened.
pub trait Subject {
    /// The mapping of the map.
    type Mapping: Mapping;

    /// The map.
    fn map(self) -> Map<Self::Mapping>;
}

impl<M: Mapping> Subject for Map<M> {
    type Mapping = M;

    fn map(self) -> Self {
        self
    }
}

impl<O: Opener, S: AsRef<O::Source> + 'static> Subject for (O, S) {
    type Mapping = O::Mapping;

    /// The source is kept until the thread of the test ends: it may own what it names.
    fn map(self) -> Map<O::Mapping> {
        let map = MapOptions::new(self.0).open(&self.1).unwrap();
        SOURCES.with_borrow_mut(|sources| sources.push(Box::new(self.1)));
        map
    }
}

thread_local! {
    static SOURCES: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

/// An opener and a source, to be opened more than once.
pub(crate) struct Opened<O, S>(Arc<O>, S);

impl<O: Opener, S: AsRef<O::Source>> Opened<O, S> {
    pub(crate) fn of((opener, source): (O, S)) -> Self {
        Self(Arc::new(opener), source)
    }

    pub(crate) fn options(&self) -> MapOptions<Arc<O>> {
        MapOptions::new(Arc::clone(&self.0))
    }

    pub(crate) fn opener(&self) -> &O {
        &self.0
    }

    pub(crate) fn source(&self) -> &O::Source {
        self.1.as_ref()
    }

    /// Opens it with these options.
    pub(crate) fn open(&self, options: MapOptions<Arc<O>>) -> memmap_core::Result<Map<O::Mapping>> {
        options.open(&self.1)
    }
}
