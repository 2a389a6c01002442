//! A tower layer that writes exactly one structured record per HTTP request.
