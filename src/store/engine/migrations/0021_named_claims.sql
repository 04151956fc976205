-- Claims that the authorization request asked for by name, in the ID token and at userinfo (OpenID Connect Core section 5.5).
ALTER TABLE grants ADD COLUMN claims TEXT;
