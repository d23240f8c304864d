using System.Reflection;
using AgentKit.Kernel.Errors;
using AgentKit.Memory;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Stores;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace AgentKit.Tests.Memory.Stores;

/// <summary>Nothing reads or writes memory without saying whose.</summary>
public class ScopeTests
{
    private const string Start =
        "using System.Threading.Tasks; using AgentKit.Memory; using AgentKit.Memory.Knowledge; using AgentKit.Memory.Stores; class C { "
        + "static async Task Run(KnowledgeBase knowledge, VectorStoreCollection collection, MemoryScope scope, float[] vector, VectorStoreRecord record) { ";

    [Theory]
    [InlineData("await collection.SearchAsync(", "vector, 5);")]
    [InlineData("await collection.KeywordSearchAsync(", "\"words\", 5);")]
    [InlineData("await collection.HybridSearchAsync(", "vector, \"words\", 5);")]
    [InlineData("await collection.GetAsync(", "\"key\");")]
    [InlineData("await collection.UpsertAsync(", "record);")]
    [InlineData("await collection.DeleteAsync(", "[\"key\"]);")]
    [InlineData("await knowledge.SearchAsync(", "\"words\");")]
    [InlineData("await knowledge.RemoveAsync(", "\"source\");")]
    public void Call_WithoutAScope_DoesNotCompile(string call, string arguments)
    {
        Assert.Empty(Errors($"{call}scope, {arguments}"));
        Assert.NotEmpty(Errors(call + arguments));
    }

    [Fact]
    public void PublicMethods_ThatReadOrWrite_TakeAScopeFirst()
    {
        string[] ofAll = ["CollectionExistsAsync", "EnsureCollectionExistsAsync", "EnsureCollectionDeletedAsync"];
        MethodInfo[] methods =
        [
            .. typeof(VectorStoreCollection).GetMethods().Concat(typeof(KnowledgeBase).GetMethods())
                .Where(method => method.Name.EndsWith("Async", StringComparison.Ordinal) && !ofAll.Contains(method.Name)),
        ];
        Assert.True(methods.Length >= 12);
        Assert.All(methods, method => Assert.Equal(typeof(MemoryScope), method.GetParameters()[0].ParameterType));
    }

    [Theory]
    [InlineData(0xD83D, 2)]
    [InlineData(0xDE00, 2)]
    public void Scope_WithHalfACharacter_IsRefused(int half, int position)
    {
        var refused = Assert.Throws<UserInputException>(() => new MemoryScope("acme", $"n{(char)half}otes"));
        Assert.Equal("collection", refused.Field);
        Assert.Contains($"at position {position}", refused.Message, StringComparison.Ordinal);
        Assert.Equal("n😀", new MemoryScope("acme", "n😀").Collection);
    }

    private static Diagnostic[] Errors(string statement)
    {
        string[] platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var compilation = CSharpCompilation.Create(
            "Scope",
            [CSharpSyntaxTree.ParseText($"{Start}{statement} }} }}", new CSharpParseOptions(LanguageVersion.Latest))],
            platform.Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        return [.. compilation.GetDiagnostics().Where(one => one.Severity is DiagnosticSeverity.Error)];
    }
}
