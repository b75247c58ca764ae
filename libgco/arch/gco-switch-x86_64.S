/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The parts of the switch that are functions. GcoSwitch is { sp, fp, ip }.
 * See gco-switch-private.h for the contract.
 */

	.text

/* The first instruction of a stack: rbp holds the function to call. Nothing
 * is above it, and the undefined rip tells debuggers so. */
	.p2align 4
	.globl	gco_switch_start
	.hidden	gco_switch_start
	.type	gco_switch_start, @function
gco_switch_start:
	.cfi_startproc
	.cfi_undefined rip
	endbr64
	movq	%rbp, %rax
	xorl	%ebp, %ebp
	callq	*%rax
	ud2
	.cfi_endproc
	.size	gco_switch_start, .-gco_switch_start

/* void gco_switch_tail (GcoSwitch *from, GcoSwitch *to)
 * To be tail-called: its caller's caller is who continues. The resumed side
 * leaves by jmp, since the return predictor expects another stack's caller. */
	.p2align 4
	.globl	gco_switch_tail
	.hidden	gco_switch_tail
	.type	gco_switch_tail, @function
gco_switch_tail:
	.cfi_startproc
	endbr64
	pushq	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbx, 0
	pushq	%r12
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r12, 0
	pushq	%r13
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r13, 0
	pushq	%r14
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r14, 0
	pushq	%r15
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r15, 0
	leaq	1f(%rip), %rax
	movq	%rsp, 0(%rdi)
	movq	%rbp, 8(%rdi)
	movq	%rax, 16(%rdi)
	movq	0(%rsi), %rsp
	movq	8(%rsi), %rbp
	jmp	*16(%rsi)
1:
	endbr64
	popq	%r15
	.cfi_adjust_cfa_offset -8
	.cfi_restore r15
	popq	%r14
	.cfi_adjust_cfa_offset -8
	.cfi_restore r14
	popq	%r13
	.cfi_adjust_cfa_offset -8
	.cfi_restore r13
	popq	%r12
	.cfi_adjust_cfa_offset -8
	.cfi_restore r12
	popq	%rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore rbx
	popq	%rcx
	.cfi_adjust_cfa_offset -8
	.cfi_register rip, rcx
	jmp	*%rcx
	.cfi_endproc
	.size	gco_switch_tail, .-gco_switch_tail

	.section .note.GNU-stack, "", @progbits
