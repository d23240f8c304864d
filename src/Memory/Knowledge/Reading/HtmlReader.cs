using System.Collections.Frozen;
using AgentKit.Kernel.Errors;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace AgentKit.Memory.Knowledge.Reading;

/// <summary>What a reader of a web page sees: text by block, without scripts, styles, navigation, footers and what is to be filled in.</summary>
internal static class HtmlReader
{
    private static readonly FrozenSet<string> Left = FrozenSet.ToFrozenSet(
    [
        "script", "style", "noscript", "template", "nav", "footer", "svg", "math", "iframe", "object", "button", "select", "input", "textarea", "datalist", "head",
        "canvas", "video", "audio",
    ]);

    private static readonly FrozenSet<string> Inline = FrozenSet.ToFrozenSet(
    [
        "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "label", "mark", "q", "s", "samp", "small",
        "span", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
    ]);

    /// <summary>Elements that lie ten thousands deep take the parser time by their square: such a page is given up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <param name="content">The page; its encoding is found as a browser does.</param>
    /// <param name="patience">How long parsing may take; a minute when <c>null</c>.</param>
    /// <exception cref="UserInputException">It takes longer.</exception>
    public static ReadDocument Read(byte[] content, TimeSpan? patience = null)
    {
        using IHtmlDocument page = Parse(content, patience ?? Patience);
        var text = new TextBuilder();
        if (page.Body is { } body) Walk(body, text);
        return text.ToDocument(string.IsNullOrWhiteSpace(page.Title) ? null : page.Title.Trim());
    }

    private static IHtmlDocument Parse(byte[] content, TimeSpan patience)
    {
        using var stream = new MemoryStream(content, writable: false);
        using var late = new CancellationTokenSource(patience);
        try
        {
            // Of a stream in memory nothing is waited for; the asynchronous form is the one that can be stopped.
            return new HtmlParser().ParseDocumentAsync(stream, late.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException e)
        {
            throw new UserInputException(
                "content", $"The page could not be parsed within {patience.TotalSeconds:0} seconds: its elements are nested too deep.", e);
        }
    }

    /// <summary>Goes through the nodes in order without recursion: pages may nest as deep as they like.</summary>
    private static void Walk(INode root, TextBuilder text)
    {
        INode? node = root;
        while (node is not null)
        {
            bool enter = node is not IElement element || !Left.Contains(element.LocalName);
            if (enter) Enter(node, text);
            if (enter && node.FirstChild is { } child)
            {
                node = child;
                continue;
            }

            if (enter) Leave(node, text);
            while (node != root && node!.NextSibling is null)
            {
                node = node.Parent;
                if (node is not null) Leave(node, text);
            }

            node = node == root ? null : node!.NextSibling;
        }
    }

    private static void Enter(INode node, TextBuilder text)
    {
        if (node is IText words) text.Append(words.Data, text.IsPreformatted);
        if (node is not IElement element || Inline.Contains(element.LocalName)) return;
        switch (element.LocalName)
        {
            case "br":
                text.Append("\n", keepBlanks: true);
                break;
            case "td" or "th":
                text.BeginCell();
                break;
            case "tr":
                text.BeginBlock(BlockKind.Lines);
                break;
            case "pre":
                text.BeginBlock(BlockKind.Lines);
                text.IsPreformatted = true;
                break;
            case ['h', >= '1' and <= '6' and var level]:
                text.BeginHeading(level - '0');
                break;
            default:
                text.BeginBlock(BlockKind.Prose);
                break;
        }
    }

    private static void Leave(INode node, TextBuilder text)
    {
        if (node is not IElement element || Inline.Contains(element.LocalName) || element.LocalName is "br" or "td" or "th") return;
        if (element.LocalName == "pre") text.IsPreformatted = false;
        text.EndBlock();
    }
}
