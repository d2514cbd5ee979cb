//! The document that the tables are an edition of.

/// Contents of `document.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Document number.
    pub document: String,
    /// Revision.
    pub revision: String,
    /// Status, such as `draft, not approved`.
    pub status: String,
    /// Who approved it.
    pub approver: Option<String>,
    /// From when it is in force, ISO 8601.
    pub effective: Option<String>,
    /// The device.
    pub device: String,
    /// Highest ambient temperature the device is rated for, as written.
    pub maximum_rated_ambient: String,
}
