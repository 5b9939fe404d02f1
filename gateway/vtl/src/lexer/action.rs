//! What a match does to the state of the lexer.

use super::{Kind, Lexer, Saved, State};

impl Lexer<'_> {
    fn push(&mut self, next: State) {
        self.stack.push(Saved { state: self.state, opened: self.opened, closed: self.closed });
        self.opened = 0;
        self.state = next;
    }

    /// Back to the state below; `false` when there is none and the text is outside of everything.
    pub(super) fn pop(&mut self) -> bool {
        if let Some(saved) = self.stack.pop() {
            self.opened = saved.opened;
            self.closed = saved.closed;
            self.state = saved.state;
            true
        } else {
            self.opened = 0;
            self.state = State::Default;
            false
        }
    }

    fn comment(&mut self, state: State) {
        self.in_comment = true;
        self.push(state);
    }

    pub(super) fn after_more(&mut self, kind: Kind, length: usize) {
        if self.in_comment {
            return;
        }
        if matches!(kind, Kind::Dollar | Kind::DollarBang) {
            if self.state == State::Reference {
                self.pop();
            }
            self.push(State::Reference);
        } else if kind == Kind::Hash {
            if matches!(self.state, State::Reference | State::Modifier) {
                self.pop();
            }
            self.push(State::PreDirective);
        } else if kind == Kind::TextBlockStart {
            self.comment(State::TextBlock);
        } else if kind == Kind::MultiLineCommentStart {
            self.comment(State::MultiLineComment);
        } else if kind == Kind::FormalCommentStart {
            // The character that told `#**` from `#**#` is given back.
            self.position -= length - 3;
            self.comment(State::FormalComment);
        }
    }

    pub(super) fn after_token(&mut self, kind: Kind) {
        if kind == Kind::IndexLeftBracket {
            self.push(State::Index);
        } else if kind == Kind::LeftParen {
            self.opened += 1;
            if self.state == State::Modifier {
                self.state = State::Arguments;
            }
        } else if kind == Kind::RightParen {
            self.close_parenthesis();
        } else if kind == Kind::ArgumentsRightParen {
            self.state = State::Reference;
        } else if kind == Kind::SetDirective {
            self.push(State::Directive);
            self.in_set = true;
            self.opened += 1;
        } else if kind == Kind::SingleLineCommentStart {
            if self.state == State::Reference {
                self.pop();
            }
            self.comment(State::SingleLineComment);
        } else if kind == Kind::Dot {
            self.state = State::Modifier;
        } else if matches!(kind, Kind::If | Kind::ElseIf) {
            self.state = State::Directive;
        } else if matches!(
            kind,
            Kind::SingleLineComment | Kind::FormalComment | Kind::MultiLineComment | Kind::TextBlock
        ) {
            self.in_comment = false;
            self.pop();
        } else if matches!(kind, Kind::IndexRightBracket | Kind::End | Kind::Else | Kind::ReferenceRightCurly) {
            self.pop();
        } else {
            self.after_literal(kind);
        }
    }

    /// A literal outside of parentheses ends the directive it stands in (`#1`).
    fn after_literal(&mut self, kind: Kind) {
        let outside = self.opened == 0 && !self.in_set;
        let ends = match self.state {
            State::Directive => matches!(kind, Kind::String | Kind::Integer | Kind::Float),
            State::PreDirective => matches!(kind, Kind::Integer | Kind::Float),
            State::Index => kind == Kind::Float,
            State::Default
            | State::Reference
            | State::Modifier
            | State::Arguments
            | State::TextBlock
            | State::MultiLineComment
            | State::FormalComment
            | State::SingleLineComment => false,
        };
        if outside && ends {
            self.pop();
        }
    }

    fn close_parenthesis(&mut self) {
        while self.opened == 0 {
            if !self.pop() {
                return;
            }
        }
        if self.opened == self.closed + 1 {
            self.pop();
        } else {
            self.closed += 1;
        }
    }
}
