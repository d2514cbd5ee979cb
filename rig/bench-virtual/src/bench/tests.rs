//! The bench behind its seam.
