using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using AgentKit.Testing;
using AgentKit.Tools.Mcp;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tests.Tools.Mcp;

/// <summary>What crosses the wire beside MCP's own fields: contracts and call keys.</summary>
public class ContractMetaTests
{
    private static readonly JsonElement NoArguments = JsonElement.Parse("{}");

    public static TheoryData<ToolReplay, SideEffect> Contracts()
    {
        var all = new TheoryData<ToolReplay, SideEffect>();
        foreach (ToolReplay replay in Enum.GetValues<ToolReplay>().Where(r => r is not ToolReplay.Verifiable))
        {
            foreach (SideEffect effect in Enum.GetValues<SideEffect>().Where(e => replay is not ToolReplay.Pure || e is SideEffect.None))
                all.Add(replay, effect);
        }

        return all;
    }

    [Theory]
    [MemberData(nameof(Contracts))]
    public void ToContract_WhatDescribeSaid_IsTheSameContract(ToolReplay replay, SideEffect effect)
    {
        var contract = new ToolContract(replay, effect) { Approval = ApprovalAnswer.Ask };
        AIFunction tool = contract.Apply(AIFunctionFactory.Create(() => "", "tool"));
        Assert.Equal(contract, ToolAnnotationMap.ContractOf(ToolAnnotationMap.Describe(tool)));
    }

    [Fact]
    public void ToContract_MetaCallsHarmlessWhatTheHintsDoNot_HintsCount()
    {
        var tool = new Tool
        {
            Name = "drop",
            Annotations = new ToolAnnotations { ReadOnlyHint = false },
            Meta = new JsonObject { [ContractMeta.Replay] = "pure", [ContractMeta.Effect] = "none" },
        };
        Assert.Equal(new ToolContract(ToolReplay.Unsafe, SideEffect.Irreversible), ToolAnnotationMap.ContractOf(tool));
    }

    [Theory]
    [InlineData("""{"agentkit/replay":7,"agentkit/side-effect":"none"}""")]
    [InlineData("""{"agentkit/replay":"pure"}""")]
    [InlineData("""{"agentkit/replay":"Pure","agentkit/side-effect":"none"}""")]
    [InlineData("""{"agentkit/replay":"0","agentkit/side-effect":"0"}""")]
    public void ToContract_MetaNobodyUnderstands_HintsCount(string meta)
    {
        var tool = new Tool { Name = "t", Annotations = new ToolAnnotations { ReadOnlyHint = true }, Meta = JsonNode.Parse(meta)!.AsObject() };
        Assert.Equal(new ToolContract(ToolReplay.Idempotent, SideEffect.NetworkRead), ToolAnnotationMap.ContractOf(tool));
    }

    [Fact]
    public void ToContract_Verifiable_IsUnsafeBecauseNoVerifierComesAlong()
    {
        ToolContract contract = new(ToolReplay.Verifiable, SideEffect.LocalWrite);
        AIFunction tool = contract.Apply(AIFunctionFactory.Create(() => "", "tool"));
        Assert.Equal(contract with { Replay = ToolReplay.Unsafe }, ToolAnnotationMap.ContractOf(ToolAnnotationMap.Describe(tool)));
    }

    [Fact]
    public async Task CallKey_OfACall_ReachesTheServersTool()
    {
        var seen = new List<string?>();
        AIFunction tool = AIFunctionFactory.Create((AIFunctionArguments call) => { seen.Add(ToolCallKey.Find(call)); return "ok"; }, "tool");
        await using var pair = await McpPair.StartAsync([tool]);
        var arguments = new AIFunctionArguments();
        ToolCallKey.Set(arguments, "0123456789abcdef");

        await pair.Connection.Tools.Single().InvokeAsync(arguments);
        await pair.Connection.CallAsync("tool", NoArguments);

        Assert.Equal(["0123456789abcdef", null], seen);
    }

    [Fact]
    public async Task CallKey_TooLong_IsRefused()
    {
        await using var pair = await McpPair.StartAsync([AIFunctionFactory.Create(() => "ok", "tool")]);
        var arguments = new AIFunctionArguments();
        ToolCallKey.Set(arguments, new string('k', 201));
        var error = await Assert.ThrowsAsync<ToolException>(() => pair.Connection.Tools.Single().InvokeAsync(arguments).AsTask());
        Assert.Contains("agentkit/call-key", error.Message, StringComparison.Ordinal);
    }
}
