//! The laws that every mapping keeps, over a server.

mod kit;

memmap_conformance::conformance!(
    mod an_object_keeps_the_laws,
    |bytes: &[u8]| {
        let server = crate::kit::Server::new(bytes);
        let url = server.url();
        // Maps outlive their opener, so that it cannot keep the server.
        server.keep();
        (memmap_object::Objects::new(), url)
    },
    [read, read_only, open]
);
