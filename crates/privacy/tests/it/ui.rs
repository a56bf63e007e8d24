//! What must not compile, with the errors that whoever tries it reads. After a new compiler: `TRYBUILD=overwrite`.

#[test]
fn what_must_not_compile_does_not() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
