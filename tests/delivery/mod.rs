//! Delivery by SCIM 2.0.

mod stand_in;
