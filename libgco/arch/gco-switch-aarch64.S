/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The parts of the switch that are functions. GcoSwitch is { sp, fp, ip }.
 * See gco-switch-private.h for the contract. "hint #34" is bti c, "hint #36"
 * is bti j; both are no-ops before ARMv8.5.
 */

	.text

/* The first instruction of a stack: x29 holds the function to call. */
	.p2align 4
	.globl	gco_switch_start
	.hidden	gco_switch_start
	.type	gco_switch_start, %function
gco_switch_start:
	.cfi_startproc
	.cfi_undefined x30
	hint	#36
	mov	x16, x29
	mov	x29, xzr
	mov	x30, xzr
	blr	x16
	brk	#1
	.cfi_endproc
	.size	gco_switch_start, .-gco_switch_start

/* Calls the function on the stack as if from the address that lies before it. */
	.p2align 4
	.globl	gco_switch_call
	.hidden	gco_switch_call
	.type	gco_switch_call, %function
gco_switch_call:
	.cfi_startproc
	hint	#36
	ldp	x30, x16, [sp], #16
	br	x16
	.cfi_endproc
	.size	gco_switch_call, .-gco_switch_call

/* void gco_switch_tail (GcoSwitch *from, GcoSwitch *to) */
	.p2align 4
	.globl	gco_switch_tail
	.hidden	gco_switch_tail
	.type	gco_switch_tail, %function
gco_switch_tail:
	.cfi_startproc
	hint	#34
	sub	sp, sp, #160
	.cfi_adjust_cfa_offset 160
	stp	x19, x20, [sp, #0]
	stp	x21, x22, [sp, #16]
	stp	x23, x24, [sp, #32]
	stp	x25, x26, [sp, #48]
	stp	x27, x28, [sp, #64]
	str	x30, [sp, #80]
	.cfi_rel_offset x30, 80
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	adr	x16, 1f
	mov	x17, sp
	stp	x17, x29, [x0]
	str	x16, [x0, #16]
	ldp	x17, x29, [x1]
	ldr	x16, [x1, #16]
	mov	sp, x17
	br	x16
1:
	hint	#36
	ldp	x19, x20, [sp, #0]
	ldp	x21, x22, [sp, #16]
	ldp	x23, x24, [sp, #32]
	ldp	x25, x26, [sp, #48]
	ldp	x27, x28, [sp, #64]
	ldr	x30, [sp, #80]
	ldp	d8, d9, [sp, #96]
	ldp	d10, d11, [sp, #112]
	ldp	d12, d13, [sp, #128]
	ldp	d14, d15, [sp, #144]
	add	sp, sp, #160
	.cfi_adjust_cfa_offset -160
	.cfi_restore x30
	ret
	.cfi_endproc
	.size	gco_switch_tail, .-gco_switch_tail

	.section .note.GNU-stack, "", %progbits
