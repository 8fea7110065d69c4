// SPDX-License-Identifier: GPL-2.0
/* Resignations: a node that is about to stop ends its grants at once, and
 * notifies its peers.
 */
#include <linux/delay.h>
#include <linux/panic_notifier.h>
#include <linux/random.h>
#include <linux/reboot.h>
#include <linux/rtnetlink.h>
#include <linux/suspend.h>
#include <net/net_namespace.h>

#include "resign.h"

/**
 * struct hasw_resignation - parameters and result of a walk that ends grants of
 *	this node
 * @portid: end only the grants that are tied to the netlink socket with this
 *	port id; 0: end all grants
 * @cause: enum haswitch_cause
 * @decision: when the cause was noticed, ns
 * @more: some grants must be ended by another walk, because @done is full
 * @done: grants that the walk has ended
 */
struct hasw_resignation {
	u32 portid;
	u8 cause;
	u64 decision;
	bool more;
	struct hasw_resigned done;
};

/**
 * hasw_resign_end() - ends the grant of a lease that this node holds
 * @hn: namespace
 * @lease: the lease
 * @cause: enum haswitch_cause
 * @decision: when the cause was noticed, ns
 * @done: list to which the ended grant is added; the caller must arrange that
 *	the peers are notified of the list, see hasw_resign_notify()
 *
 * Context: softirqs off, hasw_net.state_lock held.
 * Return: false, with the grant not ended, if @done is full.
 */
bool hasw_resign_end(struct hasw_net *hn, struct hasw_lease *lease, u8 cause,
		     u64 decision, struct hasw_resigned *done)
{
	if (done->n == HASW_RESIGN_MAX)
		return false;
	done->e[done->n].number = lease->number;
	done->e[done->n].epoch = lease->grant.right.epoch;
	done->n++;
	hasw_lease_end(hn, lease, cause, decision);
	return true;
}

/* Notifies the peers of ended grants. A peer may begin to hold a lease as soon
 * as it receives the notice. So this function first waits for an RCU grace
 * period, after which all packets that were accepted under the grants have been
 * handled. Heartbeats repeat only the last notice. So if there are several
 * notices, this function sends all of them twice.
 */
static void hasw_resign_notify(struct hasw_net *hn,
			       const struct hasw_resigned *done)
{
	u32 i, times = done->n > 1 ? 2 : 1;

	/* A container has no peers, so it cannot have the CPUs interrupted. */
	if (!done->n || list_empty(&hn->pulses->list))
		return;
	synchronize_rcu_expedited();
	while (times--)
		for (i = 0; i < done->n; i++)
			hasw_pulse_notify(hn, HASWITCH_PULSE_KIND_RELEASED,
					  done->e[i].number, done->e[i].epoch);
}

static void hasw_resign_work(struct work_struct *work)
{
	struct hasw_pulses *all = container_of(work, struct hasw_pulses,
					       resign_work);
	struct hasw_resigned done;

	spin_lock_bh(&all->hn->state_lock);
	done = all->resigned;
	all->resigned.n = 0;
	spin_unlock_bh(&all->hn->state_lock);
	hasw_resign_notify(all->hn, &done);
}

/**
 * hasw_resign_init() - sets up the work item that notifies peers of ended
 *	grants
 * @hn: namespace
 *
 * Context: process.
 */
void hasw_resign_init(struct hasw_net *hn)
{
	INIT_WORK(&hn->pulses->resign_work, hasw_resign_work);
}

/**
 * hasw_resign_later() - schedules the notices of the grants that have ended
 * @hn: namespace
 *
 * A work item sends the notices of hasw_pulses.resigned, because
 * hasw_resign_notify() sleeps, and some callers cannot sleep.
 *
 * Context: any.
 */
void hasw_resign_later(struct hasw_net *hn)
{
	queue_work(system_highpri_wq, &hn->pulses->resign_work);
}

/**
 * hasw_resign_flush() - waits until notices of all resignations are sent
 * @hn: namespace; the caller ensures that no further resignation begins in it
 *
 * Context: process, may sleep.
 */
void hasw_resign_flush(struct hasw_net *hn)
{
	flush_work(&hn->pulses->resign_work);
}

static void hasw_resign_lease(struct hasw_net *hn, struct hasw_lease *lease,
			      void *data)
{
	struct hasw_resignation *why = data;

	if ((!why->portid || lease->tied == why->portid) &&
	    !hasw_resign_end(hn, lease, why->cause, why->decision, &why->done))
		why->more = true;
}

static void hasw_resign(struct hasw_net *hn, u32 portid, u8 cause)
{
	struct hasw_resignation why = {
		.portid = portid,
		.cause = cause,
		.decision = hasw_switch_now(),
	};

	do {
		why.more = false;
		why.done.n = 0;
		spin_lock_bh(&hn->state_lock);
		hasw_lease_each_held(hn, hasw_resign_lease, &why);
		spin_unlock_bh(&hn->state_lock);
		hasw_resign_notify(hn, &why.done);
	} while (why.more);
}

/**
 * hasw_resign_agent() - ends the grants that are tied to a closed netlink
 *	socket, and notes whether the agent is gone
 * @hn: namespace
 * @portid: netlink port id of the socket, whose owner may have exited
 *
 * A grant of this node ends if its last request or renewal came from the socket
 * and tied the grant to the socket. Peers learn from heartbeats that this node
 * has no agent, see hasw_pulse_look_agent().
 *
 * Context: process, may sleep.
 */
void hasw_resign_agent(struct hasw_net *hn, u32 portid)
{
	hasw_resign(hn, portid, HASWITCH_CAUSE_AGENT_GONE);
	hasw_node_beat_gone(hn, portid);
}

static void hasw_resign_net(struct hasw_net *hn, u8 cause)
{
	hasw_resign(hn, 0, cause);
	hasw_pulse_notify(hn, HASWITCH_PULSE_KIND_GOING, 0, 0);
}

static void hasw_resign_all(u8 cause)
{
	struct net *net;

	/* Without the ban, an agent that still runs could acquire the leases
	 * again.
	 */
	hasw_lease_ban(HASW_LEASE_BAN_DOWN);
	down_read(&net_rwsem);
	for_each_net(net)
		hasw_resign_net(hasw_net_of(net), cause);
	up_read(&net_rwsem);
}

/* Ends all grants at once. Otherwise this node would handle packets to its
 * vips, and reply to ARP requests for the vips, until its devices are shut
 * down.
 */
static int hasw_resign_reboot(struct notifier_block *nb, unsigned long event,
			      void *ptr)
{
	hasw_resign_all(HASWITCH_CAUSE_REBOOT);
	return NOTIFY_DONE;
}

static struct notifier_block hasw_resign_reboot_nb = {
	.notifier_call = hasw_resign_reboot,
	/* This notifier is called first, because other notifiers take time. */
	.priority = INT_MAX,
};

/* Ends all grants, and bans new ones until the machine wakes up. If the grants
 * ended only at their deadlines, the peers would have to wait for the
 * deadlines. In addition, a machine that resumes from hibernation would find
 * its old grants in the restored memory.
 */
static void hasw_resign_suspend(void)
{
	struct net *net;

	hasw_lease_ban(HASW_LEASE_BAN_SLEEP);
	down_read(&net_rwsem);
	for_each_net(net)
		hasw_resign(hasw_net_of(net), 0, HASWITCH_CAUSE_SUSPEND);
	up_read(&net_rwsem);
}

/**
 * hasw_resign_pm() - handles the start and the end of suspend and hibernation
 * @nb: ignored
 * @event: PM_SUSPEND_PREPARE, PM_POST_SUSPEND or another event of
 *	linux/suspend.h
 * @ptr: ignored
 *
 * The function is a notifier. It is not static, so that a test can call it.
 *
 * Context: process, may sleep.
 * Return: NOTIFY_DONE.
 */
int hasw_resign_pm(struct notifier_block *nb, unsigned long event, void *ptr)
{
	switch (event) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		hasw_resign_suspend();
		break;
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		hasw_lease_unban(HASW_LEASE_BAN_SLEEP);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block hasw_resign_pm_nb = {
	.notifier_call = hasw_resign_pm,
	/* This notifier is called first, because other notifiers take time. */
	.priority = INT_MAX,
};

static void hasw_resign_silently(struct hasw_net *hn, struct hasw_lease *lease,
				 void *data)
{
	hasw_lease_end(hn, lease, HASWITCH_CAUSE_CLONED, hasw_switch_now());
}

/* This machine may be a clone of a virtual machine that still runs and holds
 * the leases. The clone ends its grants without a notice, because the peers
 * would regard the notice as sent by the original machine.
 */
static void hasw_resign_fork_work(struct work_struct *work)
{
	struct net *net;

	down_read(&net_rwsem);
	for_each_net(net) {
		struct hasw_net *hn = hasw_net_of(net);

		spin_lock_bh(&hn->state_lock);
		hasw_lease_each_held(hn, hasw_resign_silently, NULL);
		spin_unlock_bh(&hn->state_lock);
	}
	up_read(&net_rwsem);
}

DECLARE_WORK(hasw_resign_forked, hasw_resign_fork_work);

/**
 * hasw_resign_fork() - handles the start of this machine as a clone
 * @nb: ignored
 * @event: ignored
 * @ptr: ignored
 *
 * The function is a notifier. Some drivers call it in an interrupt, where
 * state_lock cannot be taken. So the work item hasw_resign_forked ends the
 * grants. Neither is static, so that a test can use them.
 *
 * Context: any.
 * Return: NOTIFY_DONE.
 */
int hasw_resign_fork(struct notifier_block *nb, unsigned long event, void *ptr)
{
	queue_work(system_highpri_wq, &hasw_resign_forked);
	return NOTIFY_DONE;
}

static struct notifier_block hasw_resign_fork_nb = {
	.notifier_call = hasw_resign_fork,
};

/**
 * hasw_resign_gasp_value() - returns the value of a panic's notice
 * @online: number of CPUs that are online when panic() calls its notifiers
 *
 * panic() has stopped the other CPUs before, and a stopped CPU is not online.
 * Then no CPU goes on with a packet that a grant allowed: this one does not
 * return from panic() either. Packets that it handles from then on find no
 * grant. Frames that were handed to a device before are ahead of the gasp, or
 * wait in a queueing discipline, as they may do after each release.
 * If a CPU did not stop, or if panic() stops the CPUs in another way for
 * kdump, peers have to wait until such packets have left.
 *
 * The function is not static, so that a test can use it.
 *
 * Context: any.
 * Return: HASW_PULSE_GOING_STILL, or 0 if peers have to wait.
 */
u64 hasw_resign_gasp_value(u32 online)
{
	return online == 1 ? HASW_PULSE_GOING_STILL : 0;
}

/* Ends all grants in a panic, and sends gasps (the last heartbeats). This
 * function runs on one CPU with interrupts off. Other CPUs may have stopped
 * with any lock held, so the function waits for no lock. The grants end first,
 * because a kernel that has panicked may still handle packets.
 */
static int hasw_resign_panic(struct notifier_block *nb, unsigned long event,
			     void *ptr)
{
	u64 value = hasw_resign_gasp_value(num_online_cpus());
	struct net *net;
	u32 i;

	hasw_lease_ban(HASW_LEASE_BAN_DOWN);
	hasw_grant_stop();
	rcu_read_lock();
	for_each_net_rcu(net)
		hasw_lease_drop(hasw_net_of(net));
	for (i = 0; i < HASW_PULSE_GASPS; i++) {
		if (i)
			mdelay(1);
		for_each_net_rcu(net)
			hasw_pulse_gasp(hasw_net_of(net), i, value);
	}
	rcu_read_unlock();
	return NOTIFY_DONE;
}

static struct notifier_block hasw_resign_panic_nb = {
	.notifier_call = hasw_resign_panic,
	/* This notifier is called first, because other notifiers may hang. */
	.priority = INT_MAX,
};

/**
 * hasw_resign_exit() - ends the grants of a namespace, and notifies its peers
 * @hn: namespace, whose configuration no longer changes; its devices still
 *	exist
 *
 * Context: process.
 */
void hasw_resign_exit(struct hasw_net *hn)
{
	hasw_resign_net(hn, HASWITCH_CAUSE_CONFIG);
}

/**
 * hasw_resign_leave() - ends all grants before the module is unloaded
 *
 * Unloading takes a while, so new grants to this node are banned, too.
 *
 * Context: process; the module's state of all namespaces still exists.
 */
void hasw_resign_leave(void)
{
	hasw_resign_all(HASWITCH_CAUSE_CONFIG);
}

/**
 * hasw_resign_register() - registers the notifiers of reboot, panic, suspend
 *	and VM cloning
 *
 * Context: process; the module's state of all namespaces exists already.
 * Return: 0, or a negative errno.
 */
int hasw_resign_register(void)
{
	int err = register_reboot_notifier(&hasw_resign_reboot_nb);

	if (err)
		return err;
	err = atomic_notifier_chain_register(&panic_notifier_list,
					     &hasw_resign_panic_nb);
	if (err)
		goto err_reboot;
	err = register_pm_notifier(&hasw_resign_pm_nb);
	if (err)
		goto err_panic;
	err = register_random_vmfork_notifier(&hasw_resign_fork_nb);
	if (err)
		goto err_pm;
	return 0;

err_pm:
	unregister_pm_notifier(&hasw_resign_pm_nb);
err_panic:
	atomic_notifier_chain_unregister(&panic_notifier_list,
					 &hasw_resign_panic_nb);
err_reboot:
	unregister_reboot_notifier(&hasw_resign_reboot_nb);
	return err;
}

/**
 * hasw_resign_unregister() - undoes hasw_resign_register()
 *
 * Context: process.
 */
void hasw_resign_unregister(void)
{
	unregister_random_vmfork_notifier(&hasw_resign_fork_nb);
	cancel_work_sync(&hasw_resign_forked);
	unregister_pm_notifier(&hasw_resign_pm_nb);
	atomic_notifier_chain_unregister(&panic_notifier_list,
					 &hasw_resign_panic_nb);
	unregister_reboot_notifier(&hasw_resign_reboot_nb);
}
