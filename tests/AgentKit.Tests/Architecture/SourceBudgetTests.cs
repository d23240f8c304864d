using AgentKit.Testing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AgentKit.Tests.Architecture;

/// <summary>Sizes and shapes that keep a file readable from top to bottom.</summary>
public class SourceBudgetTests
{
    private const int MaxFileLines = 400;
    private const int MaxMethodLines = 60;

    // Editors are set to 140 (.editorconfig); a message or a table row may stand out a little rather than be torn.
    private const int MaxLineLength = 180;

    private static readonly Lazy<IReadOnlyList<(string Path, SyntaxTree Tree)>> Sources = new(() =>
        [.. new[] { "src", "eval", "tests", "bench", "samples" }
            .SelectMany(folder => Repository.Files(folder, "*.cs"))
            .Select(path => (path, CSharpSyntaxTree.ParseText(
                Repository.Read(path), new CSharpParseOptions(LanguageVersion.Preview, DocumentationMode.None))))]);

    [Fact]
    public void Files_Everywhere_FitTheBudget()
    {
        var tooLong = Sources.Value
            .Select(source => (source.Path, Lines: source.Tree.GetText().Lines.Count - 1))
            .Where(file => file.Lines > MaxFileLines)
            .Select(file => $"{file.Path}: {file.Lines} lines");
        Assert.Empty(tooLong);
    }

    [Fact]
    public void Methods_Everywhere_FitTheBudget()
    {
        var tooLong =
            from source in Sources.Value
            from node in source.Tree.GetRoot().DescendantNodes()
            where node is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or LocalFunctionStatementSyntax
            let span = node.GetLocation().GetLineSpan()
            let lines = span.EndLinePosition.Line - span.StartLinePosition.Line + 1
            where lines > MaxMethodLines
            select $"{source.Path}({span.StartLinePosition.Line + 1}): {lines} lines";
        Assert.Empty(tooLong);
    }

    [Fact]
    public void Lines_InSources_FitTheWidth()
    {
        var tooWide =
            from source in Sources.Value
            where IsProduct(source.Path)
            from line in source.Tree.GetText().Lines
            where line.Span.Length > MaxLineLength
            select $"{source.Path}({line.LineNumber + 1}): {line.Span.Length} characters";
        Assert.Empty(tooWide);
    }

    [Fact]
    public void PublicTypes_InSources_HaveAFileEachNamedForThem()
    {
        var wrong =
            from source in Sources.Value
            where IsProduct(source.Path)
            let types = PublicTypes(source.Tree).ToArray()
            where types.Length > 0
            let file = Path.GetFileNameWithoutExtension(source.Path).Split('.')[0]
            where types.Distinct().Count() > 1 || types[0] != file
            select $"{source.Path}: {string.Join(", ", types)}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void NativeBindings_InLocalModel_StayInternal()
    {
        var visible = Sources.Value
            .Where(source => source.Path.StartsWith("src/LocalModel/Native/", StringComparison.Ordinal))
            .SelectMany(source => PublicTypes(source.Tree));
        Assert.Empty(visible);
    }

    [Fact]
    public void Sources_Everywhere_HaveNoPragmasRegionsOrStubs()
    {
        var found =
            from source in Sources.Value
            from node in source.Tree.GetRoot().DescendantNodesAndTokens(descendIntoTrivia: true)
            let fault = Fault(node)
            where fault is not null
            select $"{source.Path}({node.GetLocation()!.GetLineSpan().StartLinePosition.Line + 1}): {fault}";
        Assert.Empty(found);
    }

    private static bool IsProduct(string path) =>
        path.StartsWith("src/", StringComparison.Ordinal) || path.StartsWith("eval/", StringComparison.Ordinal);

    private static string? Fault(SyntaxNodeOrToken item) => item.AsNode() switch
    {
        PragmaWarningDirectiveTriviaSyntax => "#pragma",
        RegionDirectiveTriviaSyntax => "#region",
        CatchClauseSyntax { Block.Statements.Count: 0 } clause when !clause.Block.CloseBraceToken.LeadingTrivia.Any(IsComment) => "empty catch",
        IdentifierNameSyntax { Identifier.ValueText: nameof(NotImplementedException) } name when !IsNameOf(name) => "stub",
        _ => null,
    };

    private static bool IsComment(SyntaxTrivia trivia) => trivia.IsKind(SyntaxKind.SingleLineCommentTrivia);

    private static bool IsNameOf(IdentifierNameSyntax name) =>
        name.FirstAncestorOrSelf<InvocationExpressionSyntax>()?.Expression is IdentifierNameSyntax { Identifier.ValueText: "nameof" };

    private static IEnumerable<string> PublicTypes(SyntaxTree tree) =>
        tree.GetRoot().DescendantNodes()
            .Where(node => node.Parent is BaseNamespaceDeclarationSyntax or CompilationUnitSyntax)
            .OfType<MemberDeclarationSyntax>()
            .Where(member => member.Modifiers.Any(SyntaxKind.PublicKeyword))
            .Select(member => member switch
            {
                BaseTypeDeclarationSyntax type => type.Identifier.ValueText,
                DelegateDeclarationSyntax type => type.Identifier.ValueText,
                _ => "?",
            });
}
