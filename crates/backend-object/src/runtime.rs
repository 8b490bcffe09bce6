use std::io;
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// The thread on which all requests of an opener run. It ends when the last mapping is gone.
#[derive(Debug)]
pub(crate) struct Runtime {
    handle: Handle,
    /// The connections, and the certificates that the system trusts.
    pub(crate) http: reqwest::Client,
    /// Dropping it ends the thread.
    _running: oneshot::Sender<()>,
}

impl Runtime {
    pub(crate) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (handle, http) = (runtime.handle().clone(), crate::client::connect()?);
        let (running, end) = oneshot::channel::<()>();
        thread::Builder::new().name("memmap-object".to_owned()).spawn(move || {
            // The sender is only ever dropped.
            runtime.block_on(end).unwrap_or_default();
            runtime.shutdown_background();
        })?;
        Ok(Self { handle, http, _running: running })
    }

    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        drop(self.handle.spawn(task));
    }

    /// Runs a task there, and waits for it. It blocks the caller, whoever that is, as a read of a file does.
    ///
    /// # Errors
    /// If the thread ended.
    pub(crate) fn wait_for<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> io::Result<T> {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        self.spawn(async move {
            // Nobody waits any more if this fails.
            sender.send(task.await).unwrap_or_default();
        });
        receiver.recv().map_err(|_error| io::Error::other("the thread of requests has ended"))
    }
}
