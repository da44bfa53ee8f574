//! The saved trace: HAR 1.2, with what HAR has no place for under `_toetsbank`.
