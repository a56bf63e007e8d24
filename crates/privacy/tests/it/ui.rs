//! What must not compile, with the errors that whoever tries it reads. After a new compiler: `TRYBUILD=overwrite`.

#[test]
fn what_must_not_compile_does_not() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/right.rs");
    cases.compile_fail("tests/ui/wrong_*.rs");
}

/// Improvement and service are distinct purposes: the grant of one does not serve the other.
#[test]
fn clause_4_1_a_teaching_grant_is_no_improvement_grant() {
    trybuild::TestCases::new().compile_fail("tests/ui/clause_4_1_*.rs");
}
