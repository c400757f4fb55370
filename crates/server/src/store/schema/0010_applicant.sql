-- Who applied by itself, on the public page: of the secret in its link only the hash, and in which language it is written to.
create table applicant (
    hash  text primary key,
    thing text not null unique,
    lang  text not null
)
