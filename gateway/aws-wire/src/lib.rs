//! What AWS's services speak: signatures, error shapes, protocols.
