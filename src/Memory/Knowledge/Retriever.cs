using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Search;
using AgentKit.Memory.Knowledge.Store;
using AgentKit.Memory.Knowledge.Terms;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Knowledge;

/// <summary>Finds what a query asks for in one scope.</summary>
internal sealed class Retriever(string path)
{
    public List<Hit> Retrieve(MemoryScope scope, string query, SearchOptions options, CancellationToken cancellationToken)
    {
        if (Analyzer.TermsOf(query).Count == 0)
            throw new UserInputException("query", $"The query '{query}' has no word that is indexed; the most frequent words alone are not.");
        using SqliteConnection connection = KnowledgeFile.OpenForReading(path);
        // One state of the file for all steps.
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: true);
        if (KnowledgeScopes.Find(connection, scope) is not { } id) return [];
        for (int count = options.OnePerDocument ? options.Count * 4 : options.Count; ; count *= 4)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // 1. candidates
            List<Candidate> candidates = KeywordIndex.Search(connection, id, query, count);

            // 2. cite
            List<Hit> hits = HitReader.Read(connection, id, candidates);
            if (!options.OnePerDocument) return hits;
            hits = [.. hits.DistinctBy(hit => hit.Source).Take(options.Count)];
            if (hits.Count == options.Count || candidates.Count < count) return hits;
        }
    }
}
