//! `jiayin admin new-push-key`: prints a new key for `push_key`. It is kept nowhere; who loses it makes another, and people
//! switch push on again.

use zeroize::Zeroizing;

use crate::egress::push::signing_key;
use crate::providers::Entropy;

/// Prints it.
pub(super) fn run(entropy: &dyn Entropy) {
    anstream::println!("{}", *new_key(entropy));
}

fn new_key(entropy: &dyn Entropy) -> Zeroizing<String> {
    loop {
        let mut bytes = Zeroizing::new([0; 32]);
        entropy.fill(&mut *bytes);
        let digits = Zeroizing::new(hex::encode(*bytes));
        // Of 2^32 numbers one is none of the curve.
        if signing_key(&digits).is_some() {
            return digits;
        }
    }
}
