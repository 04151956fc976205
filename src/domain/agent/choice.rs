//! Which of several agents carries the next stream: the least loaded, and after a failure the next.

/// How loaded an agent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// The streams that it carries.
    pub streams: usize,
    /// How many it carries at most.
    pub most: usize,
    /// It has not answered for a moment: others come first.
    pub silent: bool,
}

/// The agents in the order in which to try them, by their places. One that is full is not tried.
#[must_use]
pub fn order(loads: &[Load]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..loads.len()).filter(|at| loads[*at].streams < loads[*at].most).collect();
    places.sort_by_key(|at| (loads[*at].silent, loads[*at].streams));
    places
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn load(streams: usize, silent: bool) -> Load {
        Load { streams, most: 100, silent }
    }

    #[test]
    fn the_least_loaded_comes_first_and_silent_ones_last() {
        assert_eq!(order(&[]), Vec::<usize>::new());
        assert_eq!(order(&[load(3, false), load(1, false), load(2, false)]), [1, 2, 0]);
        assert_eq!(order(&[load(0, true), load(50, false)]), [1, 0]);
        assert_eq!(order(&[load(1, false), load(1, false)]), [0, 1], "equal ones keep their order");
        assert_eq!(order(&[load(100, false), load(99, true)]), [1], "a full one is not tried");
    }

    proptest! {
        #[test]
        fn everyone_with_room_is_tried_once(loads in prop::collection::vec((0usize..20, any::<bool>()), 0..20)) {
            let loads: Vec<Load> =
                loads.into_iter().map(|(streams, silent)| Load { streams, most: 10, silent }).collect();
            let mut tried = order(&loads);
            for pair in tried.windows(2) {
                let (one, next) = (loads[pair[0]], loads[pair[1]]);
                prop_assert!((one.silent, one.streams) <= (next.silent, next.streams));
            }
            tried.sort_unstable();
            let expected: Vec<usize> = (0..loads.len()).filter(|at| loads[*at].streams < 10).collect();
            prop_assert_eq!(tried, expected);
        }
    }
}
