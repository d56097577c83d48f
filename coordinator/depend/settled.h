/* How much of what is stored a change to one package can move.
 *
 * A verdict is about the existence of a consistent set of versions, on each target by itself. Let X be the
 * package, and let a version be what can be used of it there: its wheel, and what that requires. Some versions
 * came, some are gone, the rest is what it was.
 *
 * A twin of v is a version w that is usable where v is, asks for no more than v does, and is admitted by every
 * requirement on X that applies there and admits v. It can stand in for v in any consistent set. So if each
 * version that came has a twin among those that were there, no set exists that did not exist with the twin,
 * and nobody's "blocked" gets better; if each that is gone has a twin among those that are there now, no "ok"
 * gets worse. Which versions live is settled alike. Several packages at once change nothing of that: twins are
 * exchanged one after the other (that w asks for no more is told by texts where it asks for something that is
 * new itself).
 *
 * The words behind a "no" walk along requirements that nothing living meets, and take the newest version that
 * such a one admits. Where every requirement on X is met by something living, X is on no such walk. Else what is
 * taken now is compared with what was taken: while both are roots, or both lead on to the same, a walk goes the
 * same way, and only words that speak of X may be others. Those are found again by the same walk; nobody is
 * judged for them. Where a solver said no, it is asked again if its words speak of X, whatever changed. X itself
 * is judged in any case.
 *
 * Metadata of a version that was there and is read since counts as if both versions came and versions were
 * gone, without twins. */
#pragma once

#include "coordinator/depend/graph.h"

/* Sets of targets, of those who need the package. */
struct settled {
	uint64_t gains; /* who is blocked may be so no more */
	uint64_t loses; /* who is ok may be so no more */
	uint64_t tells; /* the words of who is blocked may be others, whatever they speak of */
	uint64_t names; /* the same, if they speak of the package */
};

/* Of a package that is loaded, with all it needs, after depend_graph_live. `judged`: its versions when it was
 * last judged by (store_judged_pack); empty: nobody knows. Errors of the database are in the graph. */
struct settled settled_find(
	struct depend_graph *g, uint32_t package, struct str judged, int64_t known);
/* Of its wheels, how many have metadata that was read. */
int64_t settled_known(const struct universe_version *versions, uint32_t count);
