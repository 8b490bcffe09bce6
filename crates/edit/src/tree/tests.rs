#![allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "numbers of tests are small"
)]

use proptest::prelude::*;

use super::*;

fn source(start: u64, len: u64) -> Piece {
    Piece::Source { source: 0, moved: false, start, len }
}

/// The bytes of a tree over a source whose bytes count upwards.
fn bytes(tree: &Tree) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (at, piece) in tree.all() {
        assert_eq!(at, bytes.len() as u64);
        let mut part = vec![0; usize::try_from(piece.len()).expect("short")];
        if !piece.copy_out(0, &mut part)
            && let Piece::Source { start, .. } = piece
        {
            part = (start..start + piece.len()).map(|at| at as u8).collect();
        }
        bytes.extend(part);
    }
    bytes
}

/// Checks that all leaves are at one depth, no node is empty or too large, lengths add up, and no
/// piece continues the one before it. (A few bytes that became fewer may fit into one piece again: those
/// are joined when they are next touched.)
fn check(tree: &Tree) {
    fn check_node(sub: &Sub) {
        match &*sub.node {
            Node::Leaf(pieces) => {
                assert!(!pieces.is_empty() && pieces.len() <= MAX);
                assert!(pieces.iter().all(|piece| piece.len() > 0));
                assert_eq!(sub.len, pieces.iter().map(Piece::len).sum::<u64>());
            }
            Node::Inner { height, subs } => {
                assert!(!subs.is_empty() && subs.len() <= MAX);
                assert_eq!(sub.len, subs.iter().map(|sub| sub.len).sum::<u64>());
                for sub in subs {
                    assert_eq!(sub.height() + 1, *height);
                    check_node(sub);
                }
            }
        }
    }
    if let Some(root) = &tree.root {
        check_node(root);
    }
    let pieces: Vec<Piece> = tree.all().map(|(_, piece)| piece).collect();
    for pair in pieces.windows(2) {
        let is_typed = matches!(pair, [Piece::Typed { .. }, Piece::Typed { .. }]);
        assert!(is_typed || pair[0].join(&pair[1]).is_none(), "{pair:?}");
    }
}

#[derive(Debug, Clone)]
enum Change {
    Replace(u16, u8, Vec<u8>),
    Copy(u16, u16, u16),
    Fill(u16, u16),
    Back(u16),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        8 => (any::<u16>(), 0..20_u8, prop::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(at, len, new)| Change::Replace(at, len, new)),
        1 => (any::<u16>(), any::<u16>(), any::<u16>()).prop_map(|(a, b, c)| Change::Copy(a, b, c)),
        1 => (any::<u16>(), 1..300_u16).prop_map(|(a, b)| Change::Fill(a, b)),
        1 => any::<u16>().prop_map(Change::Back),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_tree_is_what_a_vector_is(changes in prop::collection::vec(change(), 0..600)) {
        let mut tree = Tree::of(source(0, 700));
        let mut model: Vec<u8> = (0..700_u32).map(|at| at as u8).collect();
        let mut kept = Vec::new();
        for change in changes {
            match change {
                Change::Replace(at, len, new) => {
                    let at = usize::from(at) % (model.len() + 1);
                    let len = usize::from(len).min(model.len() - at);
                    let inserted: Tree = Piece::of_bytes(&new).into_iter().collect();
                    tree.replace(at as u64, len as u64, &inserted);
                    model.splice(at..at + len, new);
                }
                Change::Copy(from, to, at) => {
                    let from = usize::from(from) % (model.len() + 1);
                    let to = from + usize::from(to) % (model.len() - from + 1).min(400);
                    let at = usize::from(at) % (model.len() + 1);
                    let part = tree.slice(from as u64, to as u64);
                    check(&part);
                    let bytes = model[from..to].to_vec();
                    tree.replace(at as u64, 0, &part);
                    model.splice(at..at, bytes);
                }
                Change::Fill(at, len) => {
                    let at = usize::from(at) % (model.len() + 1);
                    let fill = Piece::Fill {
                        pattern: Arc::new(b"xyz"[..].into()), phase: 0, len: u64::from(len),
                    };
                    tree.replace(at as u64, 0, &Tree::of(fill));
                    let new: Vec<u8> =
                        b"xyz".iter().copied().cycle().take(usize::from(len)).collect();
                    model.splice(at..at, new);
                }
                Change::Back(which) => {
                    kept.push((tree.clone(), model.clone()));
                    let which = usize::from(which) % kept.len();
                    (tree, model) = kept[which].clone();
                }
            }
            prop_assert_eq!(tree.len(), model.len() as u64);
            let at = model.len() / 3;
            let part = tree.pieces(at as u64, at as u64 + 9);
            prop_assert!(part.map(|(_, piece)| piece.len()).sum::<u64>() <= 9);
        }
        check(&tree);
        prop_assert_eq!(bytes(&tree), model);
        for (tree, model) in kept {
            check(&tree);
            prop_assert_eq!(bytes(&tree), model);
        }
    }

    #[test]
    fn pieces_of_a_range_are_those_of_the_bytes(
        cuts in prop::collection::vec(0..5000_u64, 0..200), start in 0..5200_u64, len in 0..300_u64,
    ) {
        let mut tree = Tree::of(source(0, 5000));
        for cut in cuts {
            tree.replace(cut, 1, &Tree::of(Piece::Typed { len: 1, bytes: [b'!'; 15] }));
        }
        check(&tree);
        let all = bytes(&tree);
        let mut found = Vec::new();
        let mut place = start;
        for (at, piece) in tree.pieces(start, start + len) {
            prop_assert_eq!(at, place);
            place += piece.len();
            found.push(piece);
        }
        let found = bytes(&found.into_iter().collect());
        let from = usize::try_from(start).expect("short").min(all.len());
        let to = usize::try_from(start + len).expect("short").min(all.len());
        prop_assert_eq!(&found[..], &all[from..to]);
    }
}

#[test]
fn many_pieces_are_built_at_once() {
    for count in [0, 1, 31, 32, 33, 34, 64, 65, 1000, 1056, 40_000] {
        let pieces = (0..count).map(|at| source(at * 2, 1));
        let tree: Tree = pieces.collect();
        check(&tree);
        assert_eq!(tree.len(), count);
    }
}

#[test]
fn lengths_reach_to_the_last_byte_that_has_a_number() {
    let mut tree = Tree::of(source(0, u64::MAX));
    tree.replace(u64::MAX - 1, 1, &Tree::of(Piece::Typed { len: 1, bytes: [0; 15] }));
    tree.replace(1 << 40, 1, &Tree::of(Piece::Typed { len: 1, bytes: [0; 15] }));
    check(&tree);
    assert_eq!(tree.len(), u64::MAX);
    let last = tree.pieces(u64::MAX - 2, u64::MAX).map(|(at, _)| at).collect::<Vec<_>>();
    assert_eq!(last, [u64::MAX - 2, u64::MAX - 1]);
}
