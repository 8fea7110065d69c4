/* SPDX-License-Identifier: GPL-2.0 */
/* The tracepoints haswitch:switch, haswitch:lease and haswitch:redirect. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM haswitch

#if !defined(HASW_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define HASW_TRACE_H

#include <linux/in6.h>
#include <linux/netfilter.h>
#include <linux/tracepoint.h>
#include <linux/haswitch.h>

#include "generated/trace_gen.h"

/* Size of the buffer of hasw_trace_addr(), in bytes. */
#define HASW_TRACE_ADDR sizeof(struct sockaddr_in6)

/* Each macro below prints a value as its name. hasw_trace_state() prints the
 * health of a member if @member is true, and otherwise the state of a node.
 */
#define hasw_trace_cause(cause) \
	__print_symbolic(cause, HASW_TRACE_CAUSE)
#define hasw_trace_state(member, state) \
	((member) ? __print_symbolic(state, HASW_TRACE_HEALTH) : \
		    __print_symbolic(state, HASW_TRACE_NODE_STATE))
#define hasw_trace_evidence(evidence) \
	__print_flags(evidence, ",", HASW_TRACE_EVIDENCE_BITS)
#define hasw_trace_via(via) \
	__print_symbolic(via, HASW_TRACE_VIA)
#define hasw_trace_verdict(verdict) \
	__print_symbolic(verdict, { NF_DROP, "drop" }, \
				  { NF_ACCEPT, "local" }, \
				  { NF_STOLEN, "sent" })

void hasw_trace_addr(void *to, const struct in6_addr *addr, u16 family,
		     u16 port);

/* A new state of a node was stored, or a new health of a member if @family is
 * not 0. All times are CLOCK_BOOTTIME ns. The tracepoint is called directly
 * after the store, under hasw_net.state_lock.
 */
TRACE_EVENT(switch,

	TP_PROTO(const char *node, const struct in6_addr *vip, u16 family,
		 u8 proto, u16 port, u8 from, u8 to, u8 cause, u8 evidence,
		 u64 decision, u64 publish),

	TP_ARGS(node, vip, family, proto, port, from, to, cause, evidence,
		decision, publish),

	TP_STRUCT__entry(
		__array(char, node, HASWITCH_NAME_MAX + 1)
		__array(u8, vip, HASW_TRACE_ADDR)
		__field(u64, decision)
		__field(u64, publish)
		__field(u16, family)
		__field(u8, proto)
		__field(u8, from)
		__field(u8, to)
		__field(u8, cause)
		__field(u8, evidence)
	),

	TP_fast_assign(
		strscpy(__entry->node, node, sizeof(__entry->node));
		hasw_trace_addr(__entry->vip, vip, family, port);
		__entry->decision = decision;
		__entry->publish = publish;
		__entry->family = family;
		__entry->proto = proto;
		__entry->from = from;
		__entry->to = to;
		__entry->cause = cause;
		__entry->evidence = evidence;
	),

	TP_printk("node=%s vip=%pISpc proto=%u from=%s to=%s cause=%s evidence=%s decision=%llu publish=%llu",
		  __entry->node, __entry->vip, __entry->proto,
		  hasw_trace_state(__entry->family, __entry->from),
		  hasw_trace_state(__entry->family, __entry->to),
		  hasw_trace_cause(__entry->cause),
		  hasw_trace_evidence(__entry->evidence), __entry->decision,
		  __entry->publish)
);

/* A grant of a lease began or ended. @holder is the node that got the grant.
 * All times are CLOCK_BOOTTIME ns. The tracepoint is called under
 * hasw_net.state_lock, directly after the beginning or end was stored. It is
 * also called when another node gives up a grant that this node has not
 * recorded.
 */
TRACE_EVENT(lease,

	TP_PROTO(const char *name, u64 epoch, const char *holder, u8 cause,
		 u64 decision, u64 publish),

	TP_ARGS(name, epoch, holder, cause, decision, publish),

	TP_STRUCT__entry(
		__array(char, name, HASWITCH_NAME_MAX + 1)
		__array(char, holder, HASWITCH_NAME_MAX + 1)
		__field(u64, epoch)
		__field(u64, decision)
		__field(u64, publish)
		__field(u8, cause)
	),

	TP_fast_assign(
		strscpy(__entry->name, name, sizeof(__entry->name));
		strscpy(__entry->holder, holder, sizeof(__entry->holder));
		__entry->epoch = epoch;
		__entry->decision = decision;
		__entry->publish = publish;
		__entry->cause = cause;
	),

	TP_printk("lease=%s epoch=%llu holder=%s cause=%s decision=%llu publish=%llu",
		  __entry->name, __entry->epoch, __entry->holder,
		  hasw_trace_cause(__entry->cause), __entry->decision,
		  __entry->publish)
);

/* A packet to a vip was sent to a node, passed to the local stack, or dropped.
 * @port is the port by which the service was looked up. @decision is the time
 * at which the module checked whether this node holds the vip. @deadline is the
 * deadline of this node's grant at that time, or 0 without a grant. The
 * tracepoint is called when the verdict is known, with softirqs off.
 */
TRACE_EVENT(redirect,

	TP_PROTO(const struct in6_addr *vip, u16 family, u8 proto, u16 port,
		 const char *node, u8 via, u64 decision, u64 deadline,
		 unsigned int verdict),

	TP_ARGS(vip, family, proto, port, node, via, decision, deadline,
		verdict),

	TP_STRUCT__entry(
		__array(char, node, HASWITCH_NAME_MAX + 1)
		__array(u8, vip, HASW_TRACE_ADDR)
		__field(u64, decision)
		__field(u64, deadline)
		__field(u8, proto)
		__field(u8, via)
		__field(u8, verdict)
	),

	TP_fast_assign(
		strscpy(__entry->node, node, sizeof(__entry->node));
		hasw_trace_addr(__entry->vip, vip, family, port);
		__entry->decision = decision;
		__entry->deadline = deadline;
		__entry->proto = proto;
		__entry->via = via;
		__entry->verdict = verdict;
	),

	TP_printk("vip=%pISpc proto=%u node=%s via=%s decision=%llu deadline=%llu verdict=%s",
		  __entry->vip, __entry->proto, __entry->node,
		  hasw_trace_via(__entry->via), __entry->decision,
		  __entry->deadline, hasw_trace_verdict(__entry->verdict))
);

#endif

/* <trace/define_trace.h> includes core/trace.h by this path, which Kbuild's -I
 * option makes relative to kmod/.
 */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH core
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
