using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Kernel.Tools;

public class ToolContractTests
{
    [Fact]
    public void Of_ToolThatDeclaresNothing_IsUnsafeAndIrreversible()
    {
        var contract = ToolContract.Of(AIFunctionFactory.Create(() => 1, "tool"));

        Assert.Equal((ToolReplay.Unsafe, SideEffect.Irreversible, false), (contract.Replay, contract.SideEffect, contract.IsDeclared));
    }

    [Fact]
    public void Of_DeclaredTool_ReturnsTheDeclaration()
    {
        var declared = new ToolContract(ToolReplay.Pure, SideEffect.None);
        var options = new AIFunctionFactoryOptions { Name = "tool", AdditionalProperties = declared.ToProperties() };
        var tool = AIFunctionFactory.Create(() => 1, options);

        Assert.Equal(declared, ToolContract.Of(tool));
    }
}
