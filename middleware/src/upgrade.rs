//! Requests that leave HTTP: their record is written when what came after has ended.

use crate::facts::Upgrade;
use crate::notes::Notes;
use std::fmt;

/// Keeps the record of an upgraded request open until it is dropped; made by
/// [`Notes::upgrade_guard`].
#[must_use = "the record is written when the guard is dropped"]
pub struct UpgradeGuard(Notes);

impl Notes {
    /// For handlers that answer with 101, or with 2xx to CONNECT: the record is then not written at the
    /// head, but when the guard is dropped, with the duration until then and what was noted meanwhile.
    /// Move it into the task that has the connection, or into the connection itself with
    /// [`UpgradeGuard::track`], which counts bytes too. Where the response is no upgrade it does nothing;
    /// of several guards for one request the first counts.
    ///
    /// ```
    /// # async fn talk() {}
    /// # fn handler(notes: tower_access_log::Notes) {
    /// let guard = notes.upgrade_guard();
    /// let connection = async move {
    ///     talk().await;
    ///     drop(guard);
    /// };
    /// // tokio::spawn(connection)
    /// # drop(connection);
    /// # }
    /// ```
    pub fn upgrade_guard(&self) -> UpgradeGuard {
        let Some(request) = self.request() else { return UpgradeGuard(Self::default()) };
        let mut facts = request.facts();
        if matches!(facts.upgrade, Upgrade::AtHead) {
            facts.upgrade = Upgrade::Awaited;
            UpgradeGuard(self.clone())
        } else {
            UpgradeGuard(Self::default())
        }
    }
}

impl UpgradeGuard {
    /// The notes of the request that it keeps open; inert where it does nothing.
    #[cfg(feature = "tokio")]
    pub(crate) fn notes(&self) -> &Notes {
        &self.0
    }
}

impl Drop for UpgradeGuard {
    fn drop(&mut self) {
        let Some(request) = self.0.request() else { return };
        let held = std::mem::take(&mut request.facts().upgrade);
        if let Upgrade::Held(write) = held {
            // A panic here, while another one unwinds, would abort the process.
            let _not_in_a_drop = std::panic::catch_unwind(std::panic::AssertUnwindSafe(write));
        }
    }
}

impl fmt::Debug for UpgradeGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UpgradeGuard").field(&self.0).finish()
    }
}
