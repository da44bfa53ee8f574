"""A DVA that is none of ours: OAuth by Authlib, HTTP by cheroot, TLS by OpenSSL, FHIR by fhir.resources."""
