using Xunit;

namespace AgentKit.Tests.Support;

/// <summary>A theory that needs the published chat templates; skipped where they are not on the machine.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ChatTemplateTheoryAttribute : TheoryAttribute
{
    public ChatTemplateTheoryAttribute()
    {
        if (ChatTemplateData.Folder is null)
            Skip = "The chat-templates test data is not here; AGENTKIT_TESTDATA may name its parent folder.";
    }
}
